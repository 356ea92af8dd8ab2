// Shows on the page of a save link what the phone is about to hold.

import { drawCard } from "./card.js";
import { speak } from "./words.js";

const preview = document.getElementById("preview");
speak(document.documentElement.lang);
preview.append(drawCard(JSON.parse(preview.dataset.card), { front: true }));
