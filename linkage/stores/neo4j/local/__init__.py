"""A real Neo4j with graph algorithms and Browser as a child process: no Docker, no root, no system Java.

pins      what is installed: every jar by coordinate and checksum
fetch     gets missing jars: the local Maven repository, Maven, jgo
install   puts the pinned jars into the cache folder and checks them
layout    the files of one server under `LINKAGE_HOME`
config    memory, ports, neo4j.conf
record    which process the server is
java      command lines of the server and of its administration tool
server    LocalServer: start, stop, status
bulk      bulk import into the local server's database
"""

from linkage.stores.neo4j.local.record import ServerInfo
from linkage.stores.neo4j.local.server import LocalServer

__all__ = ["LocalServer", "ServerInfo"]
