"""Which update is taken by whom: a page for each surface, command and kind of button."""
