import request from 'undici/lib/api/api-request.js';
import HttpClient from 'undici/lib/dispatcher/client.js';

// undici's index does this for every kind of client.
HttpClient.prototype.request = request;

/** undici's client by its file: the index also loads fetch, mocks and caches, which takes 60 ms of CPU time in every load worker. */
export { HttpClient };
