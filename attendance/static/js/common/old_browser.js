// Only browsers without modules run this: they are told why nothing happens.
document.getElementById("old-browser").hidden = false;
