/** A style sheet as text; the bundler makes it small. */
declare module "*.css" {
  const text: string
  export default text
}
