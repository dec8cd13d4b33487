import "./style.css"

export const metadata = { title: "Reading today", icons: "data:," }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
