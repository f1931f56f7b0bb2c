"""The raw-SQL layer: one door (`Database`), one module per table family.

Everything here speaks in plain Python values and knows neither Flask nor faces. Statements are
SQL, written as SQL, with named parameters; a module's functions take the open `Transaction`
first, so that the caller decides what belongs together.
"""

from database.core import Database, Row, Transaction
from database.dialects import (
    DatabaseOptions,
    DatabaseUnavailable,
    ForeignKeyViolation,
    UniqueViolation,
    ValueOutOfRange,
)
from database.migrate import SchemaDiffers, migrate

__all__ = [
    "Database",
    "DatabaseOptions",
    "DatabaseUnavailable",
    "ForeignKeyViolation",
    "Row",
    "SchemaDiffers",
    "Transaction",
    "UniqueViolation",
    "ValueOutOfRange",
    "migrate",
]
