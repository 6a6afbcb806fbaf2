"""`./dev demo`: the studio's main job from end to end, with unchanged clients from npm and a hub killed in the middle.

It measures and proves; it is no part of a running studio.
"""
