"""A campaign of faults: people go on ordering while everything around them breaks.

`plan` draws from a seed what people do and what breaks; `campaign` carries it out against a bot
in a process of its own; `checks` then asks, from outside, whether anything was lost, told twice
or left behind. `python -m tests.campaign --help` says how to run one.
"""
