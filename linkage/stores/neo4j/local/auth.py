"""The file that gives the user neo4j its first password.

The administration tool takes the password as an argument, where every user of the machine can read it while
the tool runs, and costs three seconds of a start. The file that it writes is one line, read once by a server
that has no users yet (`dbms-set-initial-password`): `neo4j:SHA-256,HASH,SALT,ROUNDS:`, where HASH is SHA-256
of salt and password, hashed again until there were ROUNDS rounds (Apache Shiro's SimpleHash).
"""

from __future__ import annotations

import hashlib
import secrets

USER = "neo4j"
ROUNDS = 1024


def initial_user(password: str, salt: bytes | None = None) -> str:
    """Returns the content of `data/dbms/auth.ini` for the password."""
    salt = secrets.token_bytes(32) if salt is None else salt
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{ROUNDS}:\n"
