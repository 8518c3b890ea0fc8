"""Gremlin servers for tests and trials, as child processes: no Docker, no root, no system Java.

jars         the pinned jars of each engine, fetched as those of the local Neo4j are
java         a Java 17 runtime: none of these engines runs on the Java of the local Neo4j
process      a server's process, watched until it is ready, ended gently or killed
server       Gremlin Server with TinkerGraph, JanusGraph in memory, on BerkeleyDB and on Cassandra
cassandra    one node of Cassandra, or three
pinning      makes the lists of jars again, for maintainers

`python -m engines janusgraph-cassandra`, in tests/, starts one and tells its address.
"""
