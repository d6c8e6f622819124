"""Health: each source against its own past. Pure deciders: pulses in, findings out; no clock, database or network."""
