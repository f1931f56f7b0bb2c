"""Column types that mean the same on SQLite, MySQL, MariaDB and PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

# UTC with microseconds; the zone is known, so it is not stored.
Time = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
# SQLite gives out row ids by itself for INTEGER only.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Ref = sa.BigInteger()
# Longer than an address or a key may be, short enough for an index on utf8mb4.
Key = sa.String(254)
Name = sa.String(200)
Flag = sa.SmallInteger()

# Comparison by code point everywhere: the application folds case where case does not matter.
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    # ids are never given out twice, so an old link cannot mean a new person
    "sqlite_autoincrement": True,
}
