"""A start that is already a painting: one pass of a feed-forward stylisation.

Magenta's arbitrary stylisation (Ghiasi et al., "Exploring the structure of a
real-time, arbitrary neural artistic stylization network", BMVC 2017) as a
TensorFlow SavedModel, made by `python -m tools.convert_stylisation` and loaded through
`tensorflow_hub`, or any TF-Hub handle or path that is called in the same way.
"""

from core.start.model import SHIPPED, StartModel, StartModelError

__all__ = ["SHIPPED", "StartModel", "StartModelError"]
