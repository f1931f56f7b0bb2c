"""How much is kept: rows, and bytes of the database."""

from __future__ import annotations

from database.core import Transaction

COUNTED = ("teachers", "students", "face_templates", "courses", "sessions", "attendance", "audit")

_SIZE = {
    "sqlite": """
        SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()
    """,
    "postgresql": "SELECT pg_database_size(current_database())",
    "mysql": """
        SELECT SUM(data_length + index_length) FROM information_schema.tables
        WHERE table_schema = DATABASE()
    """,
}


def rows(tx: Transaction) -> dict[str, int]:
    """How many rows each of the tables has that grow with use."""
    return {table: int(tx.scalar(f"SELECT COUNT(*) FROM {table}")) for table in COUNTED}


def size(tx: Transaction) -> int:
    """Bytes that the database takes, as the server itself counts them."""
    return int(tx.scalar(_SIZE["mysql" if tx.dialect == "mariadb" else tx.dialect]) or 0)
