// Stands for a database.
export const articles = [
  { id: "tides", about: "science", minutes: 8, title: "What the tides know of the moon", text: "Twice a day the sea leans towards a stone that it has never seen." },
  { id: "bread", about: "kitchen", minutes: 4, title: "The loaf that needs no kneading", text: "Time does what hands would: flour, water, salt, and eighteen hours." },
  { id: "lanes", about: "cities", minutes: 12, title: "A street gives back its lanes", text: "They took out two of four, and nobody could find the jam." },
  { id: "frogs", about: "science", minutes: 6, title: "How frogs hear through their lungs", text: "A chest full of air cancels what is not worth hearing." },
  { id: "beans", about: "kitchen", minutes: 9, title: "In praise of the patient bean", text: "Soak, simmer, do not stir; salt whenever you like, whatever they say." },
  { id: "roofs", about: "cities", minutes: 5, title: "Gardens where nobody looks", text: "From the ninth floor the city is greener than from the street." },
]
