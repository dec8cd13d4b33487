import { Flywheel } from "flywheel-sdk"
import "flywheel-sdk/element"
import { FlywheelProvider } from "flywheel-sdk/react"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { Chat } from "./Chat.jsx"
import "./style.css"

// Everything stays in this browser until there is an `endpoint`, a `key`, and the person's consent to share.
const open = () => Flywheel.open({ app: "example-chat", consent: { learn: true, share: false } })

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <FlywheelProvider open={open}>
      <Chat />
    </FlywheelProvider>
  </StrictMode>,
)
