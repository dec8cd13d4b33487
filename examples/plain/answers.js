// Stands for a model: an answer to each question in each style.

export const styles = { short: "in a sentence", steps: "step by step", picture: "as a picture" }

export const questions = [
  {
    text: "Why is the sky blue?",
    topic: "nature",
    answers: {
      short: "Air scatters blue light far more than red, so blue reaches you from everywhere.",
      steps: "1. Sunlight has all colours. 2. Air scatters short waves most. 3. Blue is short, so it bounces about. 4. You see it from all sides.",
      picture: "Think of a crowd of pebbles in a stream: long waves roll over them, small ripples are thrown in every direction. The small ripples are blue.",
    },
  },
  {
    text: "What is a hash map?",
    topic: "code",
    answers: {
      short: "A table that turns a key into a place, so that finding takes one look.",
      steps: "1. Hash the key to a number. 2. Take it modulo the size. 3. Look into that slot. 4. Compare keys, in case two share it.",
      picture: "A cloakroom: your number tells which hook, so nobody searches through all the coats.",
    },
  },
  {
    text: "How does a vaccine work?",
    topic: "nature",
    answers: {
      short: "It shows your immune system a harmless piece of an enemy, so that it knows the real one at once.",
      steps: "1. A harmless piece arrives. 2. Cells learn its shape. 3. Some remember it for years. 4. The real one is met within hours.",
      picture: "A wanted poster: no danger in the paper, but every guard knows the face.",
    },
  },
  {
    text: "What is recursion?",
    topic: "code",
    answers: {
      short: "A function that solves a smaller piece of its problem by calling itself.",
      steps: "1. Say when it is trivial. 2. Otherwise make it smaller. 3. Call yourself on that. 4. Build the answer on the way back.",
      picture: "Two mirrors face to face: each shows the other, a little smaller, until it is too small to see.",
    },
  },
]
