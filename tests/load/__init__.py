"""Load and faults, as programs: real processes, real HTTP, real sockets, on this machine only."""
