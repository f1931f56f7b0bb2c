// The page at /docs: Swagger UI over this server's own description of its calls.
const target = document.getElementById("swagger-ui");
window.ui = SwaggerUIBundle({
  url: target.dataset.url,
  domNode: target,
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
});
