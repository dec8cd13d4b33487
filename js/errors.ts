import type { ErrorCode, FlywheelError } from "./types.js"

/** Whether something caught is an error of Flywheel, with a `code`. */
export function isFlywheelError(error: unknown): error is FlywheelError {
  return error instanceof Error && error.name === "FlywheelError" && typeof (error as { code?: unknown }).code === "string"
}

/** An error like those that come from the module. */
export function flywheelError(code: ErrorCode, detail: string): FlywheelError {
  const error = new Error(detail)
  error.name = "FlywheelError"
  return Object.assign(error, { code }) as FlywheelError
}

/** A value of the wrong type. */
export function invalid(what: string, expected: string): FlywheelError {
  return flywheelError("invalid_value", `${what} must be ${expected}`)
}

/** Lets something go on by itself. When the module breaks under it, the driver is told. */
export function background(task: Promise<unknown>): void {
  task.catch((error: unknown) => {
    if (!isFlywheelError(error)) throw error
  })
}
