"""What stays the same from scene to scene: the characters of a project; what each scene says of people, place, time,
weather, clothes and things; what of it cannot be true together.

Read by tables of words and not by a language model: what is found has its source, what is not found is not made up.
"""
