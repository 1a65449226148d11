// Where people sign in and out: whoever comes next sees nothing of the last one.
import { forgetOthers } from "/assets/whose.js";

forgetOthers();
