"""What concerns the back office as a whole: the second step of its log-in, and the list of what staff did.

It stands in the composition root, since it looks at the histories of all rooms and no room needs to know it.
"""
