export { type EncryptionKey, keyFromSecret, Keyring, parseKeys, SealError } from './keyring';
export { fieldOf, rotateKeys, type RotationProgress, type SealedColumn } from './rotate';
