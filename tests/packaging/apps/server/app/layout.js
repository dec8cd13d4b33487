export const metadata = { title: "A stranger's app", icons: "data:," }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
