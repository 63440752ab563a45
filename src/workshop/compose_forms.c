/* Sentences of made-up facts and the questions on them. In braces stands what is drawn: {p} a
 * person, {q} another one, {t} a place, {x} the name of a thing, {n} a number up to 99, {N} one
 * above it, {y} a year, {c} a colour, {m} a month, {d} a weekday, {j} a trade, {o} an object, {a}
 * animals, {f} a food, {s} a material, {i} an instrument, {h} an hour, {w} a reason. The first
 * letter is whom the sentence is about, by the slot; then what it is ('-': no other sentence may
 * be on the same) and a theme: questions of one theme may be answered by another sentence of it,
 * so that they are not asked as questions to refuse. Phrasings of a question stand between bars;
 * the answer is the whole sentence. */
#include "workshop/compose_forms.h"

/* clang-format off */
const struct made_form made_forms[] = {
/* people */
{'p', 'p', 'h', "{p} was born in {t} in the year {y}.", {
    "Where was {p} born?|what is the birthplace of {p}|in which place was {p} born?|where does {p} come from",
    "When was {p} born?|in what year was {p} born|which year was {p} born in?",
    "Who was born in {y}?|who came into the world in {y}"}},
{'p', 'p', '-', "{p} keeps {n} {a} behind the house.", {
    "How many {a} does {p} keep?|how many {a} has {p} got|what number of {a} does {p} keep?",
    "What does {p} keep behind the house?|which animals live behind {p}'s house|what animals does {p} have",
    "Who keeps {a}?|whose are the {a}"}},
{'p', 'p', 'w', "{p} works as a {j} in {t}.", {
    "What does {p} do for a living?|what is {p}'s job|what work does {p} do?|As what does {p} work?",
    "Where does {p} work?|in which place does {p} work|where is {p}'s work?",
    "Who works as a {j}?|which of them is a {j}"}},
{'p', 'p', '-', "{p} painted the door {c} because {w}.", {
    "What colour did {p} paint the door?|which colour is {p}'s door|what is the colour of {p}'s door now",
    "Why did {p} paint the door?|what made {p} paint the door|for what reason did {p} paint the door?",
    "Who painted the door {c}?|whose door is {c}"}},
{'p', 'p', 'w', "On {d} {p} sold {n} jars of {f} at the market.", {
    "How many jars did {p} sell?|how many jars of {f} were sold by {p}|what number of jars did {p} sell?",
    "What did {p} sell at the market?|what was {p} selling|which food did {p} sell?",
    "On which day did {p} sell the jars?|when did {p} go to the market|what day was {p} at the market"}},
{'p', 'p', 'h', "In {y} {p} moved from {t} to {u}.", {
    "When did {p} move?|in which year did {p} move|what year did {p} leave {t}",
    "Where did {p} move to?|which place did {p} move to|where did {p} go to live",
    "From where did {p} move?|which place did {p} leave|where did {p} live before"}},
{'p', 'p', 'i', "{p} plays the {i} and practises for {n} minutes every morning.", {
    "Which instrument does {p} play?|what does {p} play|what instrument has {p} learnt",
    "How long does {p} practise every morning?|how many minutes does {p} practise|for how long does {p} play in the morning",
    "Who plays the {i}?|which of them is good at the {i}"}},
{'p', 'p', 'o', "{p} carved the {o} out of {s}.", {
    "What did {p} carve?|which thing was carved by {p}|what did {p} make out of {s}",
    "What is {p}'s {o} made of?|out of what did {p} carve the {o}|which material did {p} use",
    "Who carved the {o}?|who is the maker of the {o}"}},
{'p', 'p', '-', "{p} arrived late because {w}.", {
    "Why did {p} arrive late?|why was {p} late|what held {p} up|how come {p} was not on time"}},
{'p', 'p', 'o', "The {o} belongs to {p}, who bought it for {N} crowns.", {
    "To whom does the {o} belong?|whose is the {o}|who owns the {o}",
    "How much did {p} pay for the {o}?|what was the price of the {o}|how many crowns did {p} pay"}},
{'p', 'p', 'i', "{p} taught {q} to play the {i}.", {
    "Who taught {q}?|who was the teacher of {q}|from whom did {q} learn the {i}",
    "What did {p} teach {q}?|what did {q} learn from {p}|which instrument did {p} teach",
    "Whom did {p} teach?|who was the pupil of {p}|who learnt from {p}"}},
{'p', 'p', 'o', "{p} walked {n} kilometres to {t} to fetch a {o}.", {
    "How far did {p} walk?|how many kilometres did {p} walk|what distance did {p} go on foot",
    "Why did {p} walk to {t}?|what did {p} want in {t}|what did {p} fetch",
    "Where did {p} walk to?|to which place did {p} go"}},
{'p', 'p', 'o', "{p} found the {o} under a heap of {f}.", {
    "Where did {p} find the {o}?|where was the {o} found|in what place did {p} find it",
    "What did {p} find?|which thing did {p} find|what was under the heap of {f}",
    "Who found the {o}?|who came upon the {o}"}},
{'p', 'p', '-', "{p} has won the race in {t} {n} times.", {
    "How often has {p} won the race?|how many times did {p} win|how many wins does {p} have",
    "Where has {p} won the race?|in which place did {p} win",
    "Who has won the race in {t}?|who is the winner in {t}"}},
{'p', 'p', '-', "{p} wrote in the diary that the {a} came back in {m}.", {
    "When did the {a} come back?|in which month did the {a} return|what month were the {a} back",
    "What did {p} write in the diary?|what stands in {p}'s diary|what does {p}'s diary say"}},
{'p', 'p', 'w', "Every {d} {p} bakes {f} for the school in {t}.", {
    "What does {p} bake?|which food does {p} bake|what comes out of {p}'s oven",
    "On which day does {p} bake?|when does {p} bake the {f}|what day is baking day for {p}",
    "Who bakes for the school in {t}?|who makes the {f} for the school"}},
{'p', 'p', '-', "{p}: I wear a {c} coat so that {q} can see me from afar.", {
    "What colour is {p}'s coat?|which colour does {p} wear|what is the colour of the coat that {p} wears",
    "Why does {p} wear the coat?|what is the reason for {p}'s coat|why that coat for {p}"}},
{'p', 'p', 'w', "Dear {q}, my name is {p} and I mend {a} made of {s}.", {
    "What does {p} mend?|which things does {p} mend|what is it that {p} mends"}},
{'p', 'p', 'w', "{p} was elected mayor of {t} with {N} votes.", {
    "How many votes did {p} get?|with how many votes was {p} elected|what number of votes did {p} win",
    "Who was elected mayor of {t}?|who is the mayor of {t}|who won the election in {t}",
    "Of which place was {p} elected mayor?|where is {p} mayor|where was {p} elected"}},
{'p', 'p', 'w', "{p} left the company in {m} because {w}.", {
    "Why did {p} leave the company?|why did {p} go|what made {p} leave|what was {p}'s reason for leaving",
    "When did {p} leave the company?|in which month did {p} leave|what month was {p}'s last"}},
{'p', 'p', 'o', "{p} measured a depth of {N} metres in the lake near {t}.", {
    "What depth did {p} measure?|how deep is the lake by {p}'s measure|how many metres did {p} find",
    "Where is the lake that {p} measured?|near which place did {p} measure|where did {p} measure the depth"}},
/* places */
{'t', 't', '-', "{t} has a bridge of {s} that is {N} metres long.", {
    "How long is the bridge of {t}?|how many metres does the bridge in {t} have|what is the length of the bridge in {t}",
    "What is the bridge of {t} made of?|which material is the bridge in {t} of|of what did they build the bridge in {t}"}},
{'t', 't', '-', "The market of {t} opens at {h} on every {d}.", {
    "When does the market of {t} open?|at what time does the market in {t} open|what are the opening hours in {t}",
    "On which day does the market of {t} open?|which day is market day in {t}|what day is the market in {t}"}},
{'t', 't', '-', "{t} was founded by {p} in {y}.", {
    "Who founded {t}?|who was the founder of {t}|by whom was {t} founded",
    "When was {t} founded?|how old is {t}, when was it founded|in which year was {t} founded",
    "What did {p} found?|which place was founded by {p}"}},
{'t', 't', 'f', "The people of {t} are known for their {f}.", {
    "What are the people of {t} known for?|for what is {t} known|what is {t} famous for",
    "Which people are known for their {f}?|where do they make the well-known {f}"}},
{'t', 't', '-', "In {t} it rains on {n} days in {m}.", {
    "On how many days does it rain in {t}?|how often does it rain in {t} in {m}|how many wet days are there in {t}",
    "Where does it rain on {n} days?|which place has {n} days of rain"}},
{'t', 't', '-', "The roofs of {t} are {c} because {w}.", {
    "What colour are the roofs of {t}?|which colour do the roofs in {t} have|what do the roofs of {t} look like",
    "Why are the roofs of {t} {c}?|what is the reason for the colour of the roofs in {t}|how come the roofs in {t} are {c}"}},
{'t', 't', '-', "The tower of {t} has {N} steps and a {c} clock.", {
    "How many steps does the tower of {t} have?|how many steps must i climb in {t}|what is the number of steps in the tower of {t}",
    "What colour is the clock of {t}?|which colour has the clock on the tower in {t}|what is the colour of the clock in {t}"}},
{'t', 't', 'l', "{t} lies {n} kilometres north of {u}.", {
    "How far is {t} from {u}?|how many kilometres are there from {u} to {t}|what is the distance between {t} and {u}",
    "Where does {t} lie?|where is {t}|in what place do i find {t}"}},
{'t', 't', 'l', "A ferry from {t} to {u} takes {n} minutes.", {
    "How long does the ferry from {t} take?|how many minutes is the ferry from {t} under way|what time does the ferry need from {t} to {u}",
    "Where does the ferry from {t} go?|to which place does the ferry from {t} go"}},
{'t', 't', '-', "The school of {t} was closed in {m} because {w}.", {
    "Why was the school of {t} closed?|what was the reason that the school in {t} closed|how come there was no school in {t}",
    "When was the school of {t} closed?|in which month did the school in {t} close"}},
{'t', 't', 'f', "Last year {N} visitors came to {t} to see the {a}.", {
    "How many visitors came to {t}?|how many people went to {t} last year|what was the number of visitors in {t}",
    "Why did visitors come to {t}?|what did the visitors want to see in {t}|what is there to see in {t}"}},
{'t', 't', 'f', "Miners in {t} dig for {s} at a depth of {N} metres.", {
    "What do the miners in {t} dig for?|what comes out of the mine in {t}|what are they digging for in {t}",
    "How deep is the mine in {t}?|at what depth do the miners in {t} dig|how many metres down do they dig in {t}"}},
/* things */
{'x', 'm', 'm', "The {x} is a machine that turns {f} into {s}.", {
    "What kind of machine is the {x}?|what sort of a machine do they call {x}|as a machine, what is the {x} good for",
    "Into what does the {x} turn {f}?|what comes out of the {x}|what does the {x} make of {f}"}},
{'x', 'm', 'o', "The {x} was invented by {p} in {y}.", {
    "Who invented the {x}?|whose invention is the {x}|who came up with the {x}",
    "When was the {x} invented?|in which year was the {x} invented|how old is the invention of the {x}",
    "What did {p} invent?|which thing did {p} invent"}},
{'x', 'm', '-', "A {x} weighs {n} grams and costs {N} crowns.", {
    "How much does a {x} weigh?|what is the weight of a {x}|how many grams has a {x}",
    "How much does a {x} cost?|what is the price of a {x}|how many crowns must i pay for a {x}"}},
{'x', 'm', '-', "The lamp of the {x} turns {c} when {w}.", {
    "When does the lamp of the {x} turn {c}?|what does it mean if the lamp of the {x} is {c}|why is the lamp of my {x} {c}",
    "What colour does the lamp of the {x} turn?|which colour does the lamp of the {x} show"}},
{'x', '-', '-', "The ship {x} carried {n} barrels of {f} to {t}.", {
    "What did the ship {x} carry?|what was on board the {x}|which goods did the {x} have",
    "How many barrels did the {x} carry?|how many barrels were on the {x}|what number of barrels did the {x} have",
    "Where did the {x} go?|to which place did the {x} sail|what port did the {x} go to"}},
{'x', '-', '-', "The planet {x} has {n} moons and a {c} sky.", {
    "How many moons does {x} have?|how many moons go round {x}|what is the number of moons of {x}",
    "What colour is the sky of {x}?|which colour has the sky over {x}|what is the sky like on {x}"}},
{'x', '-', '-', "The function `{v}` returns {N} when its argument is {n}.", {
    "What does `{v}` return?|which value does `{v}` give back|what is the result of `{v}` for {n}",
    "When does `{v}` return {N}?|for which argument do i get {N} from `{v}`"}},
{'x', 'm', '-', "Press the {c} key of the {x} for {n} seconds until it stops.", {
    "Which key of the {x} must be pressed?|what key do i press on the {x}|which key stops the {x}",
    "For how many seconds must the key of the {x} be pressed?|how long do i press the key on the {x}|how many seconds do i hold the key of the {x}"}},
{'x', '-', '-', "The {x} is a plant with {c} leaves that grows near {t}.", {
    "Where does the {x} grow?|near which place does the {x} grow|where do i find a {x}",
    "What colour are the leaves of the {x}?|which colour do the leaves of the {x} have|what do the leaves of a {x} look like"}},
{'x', 'm', '-', "The {x} must be cleaned every {d}, since dust stops its wheels.", {
    "Why must the {x} be cleaned?|what happens if nobody cleans the {x}|what does dust do to the {x}",
    "When must the {x} be cleaned?|how often do i have to clean the {x}|on which day is the {x} cleaned"}},
{'x', '-', '-', "Train {x} leaves {t} at {h} and stops in {u}.", {
    "When does train {x} leave?|at what time does the {x} go|what is the departure time of train {x}",
    "Where does train {x} stop?|in which place does the {x} stop|what is the stop of train {x}",
    "From where does train {x} leave?|which place does the {x} start from"}},
{'x', '-', '-', "The book {x} by {p} has {N} pages and tells of {a}.", {
    "Who wrote the book {x}?|by whom is {x}|who is the author of {x}",
    "How many pages does {x} have?|how long is the book {x}|what is the number of pages in {x}",
    "What does the book {x} tell of?|what is {x} about|which animals are in the book {x}"}},
{'x', 'm', 'm', "A {x} runs on {f} and stays warm for {n} hours.", {
    "What does a {x} run on?|what must i put into a {x}|what fuel does a {x} need",
    "How long does a {x} stay warm?|for how many hours does a {x} keep its warmth|after how many hours is a {x} cold"}},
{'x', '-', '-', "The rule of {x} says that a player with {n} points must change seats.", {
    "What does the rule of {x} say?|what is the rule in {x}|how does the rule of {x} go",
    "With how many points must a player of {x} change seats?|at what score do you change seats in {x}"}},
{'x', '-', '-', "Version {n} of {x} was released in {m} and needs {N} megabytes.", {
    "When was version {n} of {x} released?|in which month did the new {x} come out|what month was {x} released",
    "How many megabytes does {x} need?|how much room does {x} take|what space does version {n} of {x} need"}},
{'x', '-', '-', "The river {x} flows through {t} and is {N} kilometres long.", {
    "Through which place does the river {x} flow?|where does the {x} flow|which town lies on the {x}",
    "How long is the river {x}?|what is the length of the {x}|how many kilometres does the {x} have"}},
};
const size_t n_made_form = COUNT_OF(made_forms);
const char *const made_colours[] = {"red", "green", "blue", "yellow", "white", "black", "brown", "grey",
    "orange", "purple", "pink", "silver", "golden", "turquoise", "violet", "crimson", NULL};
const char *const made_months[] = {"January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December", NULL};
const char *const made_days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", NULL};
const char *const made_trades[] = {"baker", "tailor", "nurse", "plumber", "gardener", "lawyer", "pilot", "potter",
    "teacher", "welder", "barber", "printer", "miner", "judge", "painter", "blacksmith", "carpenter", "librarian",
    "fisherman", "surgeon", "clockmaker", "beekeeper", NULL};
const char *const made_objects[] = {"lantern", "ladder", "kettle", "drum", "mirror", "saddle", "compass", "basket",
    "bell", "cradle", "chest", "spoon", "wheel", "mask", "flute", "stool", "chain", "bowl", "key", "lamp", "boat",
    "kite", "clock", "chair", "helmet", "candlestick", NULL};
const char *const made_animals[] = {"goats", "geese", "ponies", "rabbits", "hens", "ducks", "sheep", "bees", "llamas",
    "donkeys", "pigeons", "swans", "turtles", "foxes", "owls", "storks", "frogs", "snails", "cranes", "otters", NULL};
const char *const made_foods[] = {"honey", "cheese", "barley", "plum jam", "olives", "rye bread", "salt", "lentils",
    "vinegar", "oat cakes", "dried figs", "mustard", "butter", "tea", "rice", "chestnuts", "apples", "pickled beans",
    "maize", "walnuts", "sugar", "pears", NULL};
const char *const made_materials[] = {"oak", "copper", "slate", "clay", "glass", "marble", "tin", "wool", "steel",
    "birch", "granite", "bronze", "wax", "silver", "iron", "ash", "amber", "paper", "cork", "lead", "ivory", "zinc", NULL};
const char *const made_instruments[] = {"violin", "flute", "trumpet", "harp", "cello", "drum", "organ", "clarinet",
    "guitar", "piano", "oboe", "horn", "lute", "zither", "accordion", NULL};
const char *const made_hours[] = {"six o'clock", "seven o'clock", "eight o'clock", "nine o'clock", "ten o'clock",
    "half past six", "half past seven", "half past eight", "noon", "midnight", "a quarter to nine", "a quarter past ten", NULL};
const char *const made_reasons[] = {"the old bridge was closed", "the river had flooded the road",
    "the sun bleaches every other colour", "the wind came from the sea", "a storm had broken the mast",
    "the neighbours wanted a sign", "the price of coal had doubled", "the clock had stopped at night",
    "the frost had split the pipes", "the horses were too tired", "the bus broke down near the mill",
    "the letter came a week too late", "the roof let in the rain", "the new law forbids lead",
    "the cellar was full of smoke", "the bees need a mark to find home", "the water is too cold",
    "the key was lost in the snow", "the tank is almost empty", "the battery is running low",
    "the belt has slipped off", "the filter is full of sand", "the wool would shrink otherwise",
    "the last train had been cancelled", "the paint was a gift from the harbour",
    "the doctor had advised it", "a tree had fallen across the rails", "the engine was too loud", NULL};
/* clang-format on */
