# The one container: application and, unless DATABASE_URL is set, the embedded Postgres.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json nest-cli.json ./
COPY src ./src
COPY libs ./libs
COPY test/bench ./test/bench
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production WAPAS_DATA_DIR=
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 8080
# Events live shorter than the collector of a small young generation takes them for; with
# a smaller old one in sight it collects at half the memory (test/bench/README.md).
CMD ["node", "--max-semi-space-size=32", "--max-old-space-size=1024", "dist/src/main.js"]
