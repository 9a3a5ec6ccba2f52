"""The stand-in models over HTTP, with faults on demand."""
