import { flywheel } from "flywheel-server/next"

export const { GET, POST } = flywheel({ server: process.env.SERVER })
