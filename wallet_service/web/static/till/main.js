// The till: starts everything, and turns what was scanned into a screen.

import { install } from "./app.js";
import { stayAwake } from "./awake.js";
import * as camera from "./camera.js";
import { scanned } from "./flow.js";
import { hearKeypads } from "./keypad.js";
import { hearKeys, typed } from "./keys.js";
import { apply, hearMenu } from "./menu.js";
import * as net from "./net.js";
import { refuse } from "./noes.js";
import { hearButtons } from "./screens.js";
import { awaitFirstTouch } from "./sounds.js";
import { refresh } from "./state.js";
import { hearNetwork, showWhoIsHere } from "./top.js";
import { waiting } from "./waiting.js";
import { listen } from "./wedge.js";

apply();
hearButtons();
hearKeypads();
hearKeys();
hearMenu();
hearNetwork();
awaitFirstTouch();
stayAwake();
listen({ onCode: scanned, onTyped: typed });
open();

async function open() {
  try {
    const { signed_in: somebody } = await refresh();
    if (!somebody) return location.assign("/till/sign-in");
  } catch (fault) {
    return refuse(fault, { retry: open });
  }
  net.start();
  install();
  showWhoIsHere();
  waiting();
  (window.requestIdleCallback ?? setTimeout)(() => camera.preload());
}
