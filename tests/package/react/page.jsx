// What the browser runs: pieces for react.test.mjs to put together.
import { runtime } from "./refresh.js"
import { StrictMode, createElement, useState } from "react"
import { createRoot, hydrateRoot } from "react-dom/client"
import { FlywheelProvider, useFeedback } from "flywheel-sdk/react"
import { Answer, App, styles } from "./app.jsx"

Object.assign(globalThis, { runtime, StrictMode, createElement, useState, createRoot, hydrateRoot, FlywheelProvider, useFeedback, Answer, App, styles })
