import "./style.css"

export const metadata = { title: "The Sunday list", icons: "data:," }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
