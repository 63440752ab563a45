// A page of a teacher: sets the formulas of questions.
import { setMath } from './math.js';

setMath(document);
