"""How a program's cards look: folders in Apple's own form, loaded and checked."""
