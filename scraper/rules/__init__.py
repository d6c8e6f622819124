"""Knowledge about languages and sites, as data, and the loaders that validate it."""
