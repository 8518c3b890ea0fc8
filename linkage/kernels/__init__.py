"""Compiled loops over Arrow buffers that several steps share: strings, addresses, keyed hashes, key sets.

They import nothing of linkage but errors and the model, compile on first use and keep the result on disk.
"""
