/**
 * Words for the things of COCO, written for this project: synonyms, kinds of a thing, and what several of
 * them are together. All are singular and in lower case.
 */

/** What else a class of COCO is called, and kinds of it. A word may belong to several classes. */
const SYNONYMS = `person: human, human being, man, woman, boy, girl, child, kid, baby, toddler, adult, teenager, lady, guy,
 pedestrian, passer-by, passenger, worker, player, skier, snowboarder, surfer, skater, skateboarder, rider, cyclist, biker,
 runner, swimmer, dancer, tourist, farmer, cook, chef, waiter, waitress, soldier, policeman, policewoman, bride, groom
bicycle: bike, cycle, pushbike, mountain bike, racing bike, tandem
car: automobile, motorcar, sedan, limousine, hatchback, convertible, station wagon, suv, jeep, cab, taxi, sports car, minivan
motorcycle: motorbike, moped, scooter, motor scooter, vespa
airplane: aeroplane, plane, aircraft, jet, airliner, jetliner, biplane, jumbo jet
bus: coach, minibus, school bus, double decker, trolleybus, omnibus
train: locomotive, railway train, railroad train, steam train, tram, streetcar, metro, subway train, railcar
truck: lorry, pickup, pickup truck, fire engine, fire truck, garbage truck, dump truck, tow truck, semi-trailer, delivery truck
boat: ship, vessel, canoe, kayak, rowboat, sailboat, sailing boat, yacht, ferry, gondola, dinghy, motorboat, speedboat, barge
traffic light: traffic signal, stoplight, signal light
fire hydrant: hydrant
stop sign: stop
parking meter:
bench: park bench, pew
bird: pigeon, dove, duck, goose, swan, gull, seagull, sparrow, crow, raven, eagle, hawk, falcon, owl, parrot, chicken, hen,
 rooster, cock, turkey, peacock, flamingo, pelican, heron, stork, penguin, robin, songbird, ostrich
cat: kitten, kitty, tomcat, house cat, tabby, siamese cat, persian cat
dog: puppy, pup, doggy, hound, poodle, terrier, labrador, retriever, golden retriever, beagle, bulldog, pug, corgi, dachshund,
 collie, sheepdog, german shepherd, husky, dalmatian, chihuahua, rottweiler, spaniel, boxer dog, greyhound
horse: pony, foal, colt, mare, stallion, filly, steed
sheep: lamb, ewe, ram
cow: cattle, bull, calf, ox, heifer, bullock
elephant: elephant calf
bear: grizzly, grizzly bear, brown bear, polar bear, black bear, bear cub
zebra: zebra foal
giraffe:
backpack: rucksack, knapsack, school bag
umbrella: parasol, sunshade, brolly
handbag: purse, pocketbook, shoulder bag
tie: necktie, bow tie
suitcase: travel case, trunk case, trolley case
frisbee: flying disc, flying disk
skis: ski
snowboard: snow board
sports ball: ball, football, soccer ball, basketball, volleyball, baseball, tennis ball, beach ball, rugby ball, handball
kite: toy kite
baseball bat: bat
baseball glove: baseball mitt, mitt, catcher's mitt
skateboard: longboard
surfboard: surf board
tennis racket: racket, racquet, tennis racquet
bottle: flask, wine bottle, beer bottle, water bottle, milk bottle
wine glass: wineglass, goblet, stemware, champagne glass
cup: mug, teacup, coffee cup, coffee mug, beaker, tumbler
fork: table fork
knife: table knife, bread knife, kitchen knife
spoon: teaspoon, tablespoon, soup spoon
bowl: soup bowl, salad bowl, mixing bowl
banana: plantain
apple: green apple, red apple
sandwich: burger, hamburger, cheeseburger, toast sandwich, sub, bagel sandwich, panini
orange: tangerine, mandarin, clementine
broccoli:
carrot:
hot dog: hotdog, frankfurter
pizza: pizza slice, pizza pie
donut: doughnut
cake: cheesecake, birthday cake, cupcake, gateau, wedding cake
chair: armchair, stool, office chair, rocking chair, folding chair, high chair, deck chair
couch: sofa, settee, loveseat
potted plant: houseplant, house plant, pot plant, flowerpot, plant
bed: bunk, bunk bed, cot
dining table: table, kitchen table, dinner table, desk
toilet: toilet bowl, lavatory, toilet seat
tv: television, television set, tv set, telly, monitor, screen, computer monitor
laptop: notebook computer, laptop computer, computer
mouse: computer mouse
remote: remote control, tv remote, controller
keyboard: computer keyboard
cell phone: cellphone, mobile phone, mobile, phone, telephone, smartphone, iphone, handset
microwave: microwave oven
oven: stove, cooker, range
toaster:
sink: washbasin, wash basin, basin, kitchen sink
refrigerator: fridge, icebox, freezer
book: textbook, paperback, novel, hardcover
clock: alarm clock, wall clock, tower clock
vase: flower vase, urn
scissors: pair of scissors, shears
teddy bear: teddy, stuffed bear, stuffed animal, plush toy, soft toy
hair drier: hair dryer, hairdryer, blow dryer
toothbrush: tooth brush`;

/** What several classes are together. A name of an earlier line stands for all of its classes. */
const GROUPS = `vehicle: car, motorcycle, bus, truck, bicycle, train, airplane, boat
motor vehicle: car, motorcycle, bus, truck
road vehicle: car, motorcycle, bus, truck, bicycle
means of transport: vehicle
van: car, truck, bus
two-wheeler: bicycle, motorcycle
watercraft: boat
wild animal: elephant, bear, zebra, giraffe
farm animal: horse, sheep, cow
livestock: farm animal
pet: cat, dog
mammal: cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe
animal: mammal, bird
beast: mammal
creature: animal
living thing: person, animal, potted plant
fowl: bird
fruit: banana, apple, orange
vegetable: broccoli, carrot
pastry: donut, cake
dessert: donut, cake
fast food: sandwich, hot dog, pizza
food: fruit, vegetable, fast food, pastry
cutlery: fork, knife, spoon
silverware: cutlery
utensil: cutlery
glass: wine glass, cup
drinking vessel: wine glass, cup
container: bottle, cup, bowl, vase, wine glass
tableware: bottle, wine glass, cup, fork, knife, spoon, bowl
dish: bowl, cup
crockery: dish
seat: chair, couch, bench
furniture: seat, bed, dining table
kitchen appliance: microwave, oven, toaster, refrigerator
household appliance: kitchen appliance, hair drier
appliance: household appliance
electronics: tv, laptop, mouse, remote, keyboard, cell phone
electronic device: electronics
gadget: electronics
bag: backpack, handbag, suitcase
luggage: bag
baggage: bag
sports equipment: frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket
board: snowboard, skateboard, surfboard
toy: teddy bear, kite, frisbee
traffic sign: stop sign
street sign: stop sign
road sign: stop sign
sign: stop sign`;

/** The classes that a word stands for, by word: the classes themselves, their synonyms, then groups. */
export function readCocoWords(): ReadonlyMap<string, ReadonlySet<string>> {
  const words = new Map<string, Set<string>>();
  const addTo = (word: string, classes: Iterable<string>) => {
    words.set(word, new Set([...(words.get(word) ?? []), ...classes]));
  };
  for (const [name, synonyms] of entries(SYNONYMS)) {
    addTo(name, [name]);
    for (const synonym of synonyms) addTo(synonym, [name]);
  }
  for (const [group, members] of entries(GROUPS))
    addTo(
      group,
      members.flatMap((member) => [...words.get(member)!]),
    );
  return words;
}

/** Lines `name: word, word`; those that begin with a blank go on with the one before. */
function entries(table: string): [name: string, words: string[]][] {
  return table
    .replace(/\n /g, " ")
    .split("\n")
    .map((line) => {
      const [name, words] = line.split(":") as [string, string];
      const list = words.split(",").map((word) => word.trim());
      return [name, list.filter((word) => word !== "")];
    });
}
