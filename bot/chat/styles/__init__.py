"""The gallery as one person sees it: which styles there are, and how its pages read."""
