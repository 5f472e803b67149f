"""Decides whose order is next, and sees its painting through."""
