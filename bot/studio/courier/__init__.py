"""Tells people how their orders get on, and brings them what comes out."""
