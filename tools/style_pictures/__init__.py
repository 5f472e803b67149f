"""The pictures that ship as styles, each painted by code: `python -m tools.style_pictures`."""
