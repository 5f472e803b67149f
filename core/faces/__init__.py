"""Faces in a photo, and where a painting is to hold on to them.

They are found by MediaPipe's BlazeFace (Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face
Detection on Mobile GPUs", 2019), a TensorFlow SavedModel made by `python -m tools.convert_faces`.
"""

from core.faces.face import Face, content_weights
from core.faces.finder import FaceFinder

__all__ = ["Face", "FaceFinder", "content_weights"]
