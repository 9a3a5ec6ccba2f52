"""The command line: one file a command, whose parts are imported when it runs."""
