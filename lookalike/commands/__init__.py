"""The indexer's commands: arguments in, exit codes and progress out."""
