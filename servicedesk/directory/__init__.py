"""The directories of the municipalities: who works there, and whether a password is theirs."""
