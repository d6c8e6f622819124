"""The network: one exchange at a time, and the manners of asking for it."""
