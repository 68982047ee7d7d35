import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Run } from 'express-butler'
import pino, { type Logger } from 'pino'
import pinoHttp from 'pino-http'
import pretty from 'pino-pretty'

/** Standard error: what a person is told goes to standard output, and the log does not get in between. */
const STDERR = 2

const redacted = '[redacted]'

/** JSON lines for whoever collects them, and readable lines for whoever sits in front of a terminal. */
export function createLogger(): Logger {
  const options = {
    redact: { paths: ['token', '*.token', 'req.headers', 'res.headers'], censor: redacted },
    serializers: { run: describeRun, err: pino.stdSerializers.err },
  }
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: STDERR, sync: true, singleLine: true, ignore: 'pid,hostname' }))
    : pino(options, patientDestination())
}

/** What is kept of a log that cannot be written, in characters. What comes then is lost. */
const MOST_KEPT = 1_000_000

/** The disk that somebody keeps the log on may be full. That is no reason to end. */
function patientDestination() {
  const destination = pino.destination({ dest: STDERR, sync: true, maxLength: MOST_KEPT })
  return destination.on('error', () => {})
}

function describeRun({ id, trigger, by, startedAt, endedAt, outcome, error, result }: Run) {
  return { id, trigger, by, startedAt, endedAt, outcome, error, result }
}

/** One line a request: who asked for what, and what came of it. Never a header, and never the token. */
export function logRequests(logger: Logger) {
  return pinoHttp({
    logger,
    wrapSerializers: false,
    serializers: {
      req: ({ method, url = '', socket }: IncomingMessage) => ({
        method,
        url: withoutQuery(url),
        from: socket.remoteAddress,
      }),
      res: ({ statusCode }: ServerResponse) => ({ statusCode }),
    },
    // Routers shorten `url` while they answer.
    customSuccessMessage: ({ method, url = '', originalUrl = url }: Asked, { statusCode }) =>
      `${method} ${withoutQuery(originalUrl)} ${statusCode}`,
    customLogLevel: (_req, { statusCode }) => (statusCode >= 500 ? 'error' : statusCode >= 400 ? 'warn' : 'info'),
  })
}

type Asked = IncomingMessage & { originalUrl?: string }

/** An address as it may be written down. A query can carry the token, also by mistake, and says nothing that we need. */
export function withoutQuery(url: string): string {
  const [path = ''] = url.split('?', 1)
  return path === url ? path : `${path}?${redacted}`
}
