"""Who gets where: every address of the pages and the API, tried by everyone of the cast."""
