// Stands for your search: finds by words, scores by how many match.

const kinds = {
  video: (dish) => [`${dish}, filmed from above`, "Twelve minutes, no talking, every step."],
  recipe: (dish) => [`${dish}: the recipe`, "What you need, in the order in which you need it."],
  story: (dish) => [`Why ${dish.toLowerCase()} tastes of home`, "A grandmother, a kitchen, and a pot that outlived three stoves."],
  course: (dish) => [`${dish} in five lessons`, "From boiling water to guests on Saturday."],
}
const dishes = ["Pasta with beans", "Pasta with lemon", "Tomato soup", "Potato soup", "Rye bread", "Flat bread"]

const documents = dishes.flatMap((dish, at) =>
  Object.entries(kinds).map(([kind, write], nth) => {
    const [title, text] = write(dish)
    return { id: `${kind}-${at}`, title, text, kind, dish, popular: 1 - (nth * 3 + at) / 40 }
  }),
)

/** What was found, best first by the engine's own score in [0, 1]. */
export function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const share = ({ title, dish }) => words.filter((word) => `${title} ${dish}`.toLowerCase().includes(word)).length / words.length
  return documents
    .map((found) => ({ ...found, score: share(found) * found.popular }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 8)
}
